"""The WSGI application that `goodstanding serve` runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
application = get_wsgi_application()

# What is loaded now (models, templates' code, packs) stays for ever, so it need not be searched for garbage with every few hundred objects that a page
# makes: that took a sixth of a case page's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
