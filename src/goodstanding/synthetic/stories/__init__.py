"""Every story that is planted: one entry of `PLOTS` and one function each."""

from goodstanding.synthetic.casting import Plot
from goodstanding.synthetic.stories import conduct, goods, links, performance

PLOTS: tuple[Plot, ...] = (
    Plot(performance.CARRIER, performance.plant_carrier_turns_late, sellers=8, orders_each=500),
    Plot(performance.BATCH, performance.plant_bad_batch, sellers=1, orders_each=900),
    Plot(goods.COUNTERFEIT, goods.plant_counterfeit, sellers=1, orders_each=260),
    Plot(links.RING, links.plant_ring, sellers=5, orders_each=120, stopped=((0, links.RING_STRUCK_DAYS),)),
    Plot(links.COWORKING, links.plant_coworking_lookalike, sellers=7, orders_each=150, stopped=((6, links.COWORKING_STRUCK_DAYS),)),
    Plot(conduct.REVIEWS, conduct.plant_bought_reviews, sellers=1, orders_each=320, buyers=conduct.REVIEWERS),
    Plot(conduct.HIJACKED, conduct.plant_hijacked_sign_in, sellers=1, orders_each=260),
    Plot(conduct.STALE, conduct.plant_stale_payment, sellers=1, orders_each=180),
    Plot(goods.FALSE, goods.plant_false_complaints, sellers=2, orders_each=400, buyers=3),
    Plot(conduct.RETURNER, conduct.plant_buyer_returns_everything, buyers=1),
    Plot(performance.OWN, performance.plant_own_enforcement, sellers=1, orders_each=1500),
)
