"""The words a made-up marketplace is spoken with. Shops, people, carriers and addresses exist nowhere."""

MARKETS = ("US", "DE", "UK")
CURRENCIES = ("USD", "EUR", "GBP")
ORDER_PREFIXES = (111, 302, 204)
COUNTRIES = ("US", "DE", "GB", "CN", "HK", "TW", "FR", "PL")
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
CARRIERS = ("BlueRoad Post", "Northline", "Kestrel Express", "Havenfreight", "Meridian Mail")
TURNING_CARRIER = "SwiftParcel"
ALL_CARRIERS = (*CARRIERS, TURNING_CARRIER)
WAREHOUSES = ("US-EAST-1", "US-WEST-2", "US-SOUTH-3", "DE-NORD-1", "DE-SUED-2", "UK-MID-1", "UK-NORTH-2", "CN-SHENZHEN-1", "CN-NINGBO-2")
WAREHOUSES_OF_MARKET = ((0, 1, 2, 7, 8), (3, 4, 7), (5, 6, 8))

SHOP_FIRST = (
    "Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Indigo", "Juniper", "Kite", "Linden", "Maple", "Nimbus", "Orchid",
    "Pine", "Quartz", "River", "Sable", "Tundra", "Umber", "Violet", "Willow", "Yarrow", "Zephyr",
)  # fmt: skip
SHOP_SECOND = ("Home", "Outdoor", "Kitchen", "Tools", "Kids", "Sports", "Office", "Garden", "Audio", "Pets", "Lighting", "Textiles")
SHOP_LAST = {"US": "LLC", "DE": "GmbH", "GB": "Ltd", "FR": "SARL", "PL": "sp. z o.o."}
SHOP_CITIES = ("深圳", "义乌", "宁波", "厦门", "杭州", "东莞", "广州", "青岛")
SHOP_CITIES_TRADITIONAL = ("台北", "高雄", "台中", "新竹", "九龍", "荃灣")
SHOP_CHARACTERS = ("晨光", "远航", "启明", "青禾", "云帆", "松果", "海星", "白鹿", "金桥", "知夏")
SHOP_CHARACTERS_TRADITIONAL = ("晨光", "遠航", "啟明", "青禾", "雲帆", "松果", "海星", "白鹿", "金橋", "知夏")
GIVEN_NAMES = (
    "Ada", "Ben", "Clara", "David", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leo", "Mara", "Nils", "Olivia",
    "Paul", "Quentin", "Rosa", "Sam", "Tara", "Uma", "Viktor", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
FAMILY_NAMES = (
    "Abbott", "Baker", "Carver", "Dietrich", "Ellis", "Fischer", "Grant", "Hartmann", "Irving", "Jensen", "Keller", "Lambert", "Moreno",
    "Neumann", "Osborne", "Porter", "Quinn", "Reuter", "Sommer", "Turner", "Ullmann", "Vance", "Winter", "Young", "Ziegler",
)  # fmt: skip
CHINESE_FAMILY = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴")
CHINESE_FAMILY_TRADITIONAL = ("王", "李", "張", "劉", "陳", "楊", "趙", "黃", "周", "吳")
CHINESE_GIVEN = ("晓雨", "子涵", "志远", "佳怡", "文博", "思远", "雪梅", "建国", "丽华", "明轩")
CHINESE_GIVEN_TRADITIONAL = ("曉雨", "子涵", "志遠", "佳怡", "文博", "思遠", "雪梅", "建國", "麗華", "明軒")
STREETS = ("Alder Lane", "Brook Street", "Canal Road", "Dock Street", "Elm Avenue", "Forge Way", "Gate Street", "Hill Road", "Kiln Lane", "Mill Road")
TOWNS = ("Ashford-on-Paper", "Beispielstadt", "Nowhere Falls", "Musterhausen", "Exampleton", "Samplebury", "示例市", "Demoville")

PRODUCTS = (
    "KETTLE", "LAMP", "BACKPACK", "CHARGER", "HEADSET", "BLENDER", "TENT", "DRILL", "PUZZLE", "YOGAMAT", "STROLLER", "DASHCAM", "TEAPOT",
    "KEYBOARD", "BLANKET", "GRINDER", "LANTERN", "TOASTER", "SCOOTER", "THERMOS", "ROUTER", "PILLOW", "WATCHBAND", "CATTREE",
)  # fmt: skip
DEFECT_REASONS = ("not_received", "damaged", "not_as_described", "late", "poor_quality")
DEFECT_TEXTS = (
    "It never came and nobody answered.",
    "Box was crushed and the part inside broken.",
    "Not what the page shows.",
    "Came a week late, the birthday was over.",
    "Stopped working after two days.",
    "等了很久没有收到。",
    "收到的時候已經壞了。",
    "Leider nicht wie beschrieben.",
)
RETURN_REASONS = ("changed_mind", "too_small", "too_large", "not_as_described", "damaged", "defective", "bought_by_mistake")
MESSAGE_TOPICS = ("where_is_my_order", "product_question", "return", "invoice", "change_address")
LISTING_FIELDS = ("title", "price", "images", "bullet_points", "quantity", "handling_time")
COMPLAINT_REASONS = ("COND_NOT_AS_DESCRIBED", "COND_USED_SOLD_AS_NEW", "LISTING_ABUSE")
COMPLAINT_TEXTS = (
    "The colour is nothing like the picture.",
    "The box had been opened before and the item has scratches.",
    "This is listed as a variation of a different product.",
)
