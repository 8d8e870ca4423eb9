"""The API's OpenAPI document as a file: `python -m goodstanding.server.api.document > docs/reference/openapi.json`."""

import json
import os
import sys


def openapi_json() -> str:
    """The document as it is committed and served, in a form that compares line by line. Django must be set up."""
    # Imported late: nothing of Ninja can be imported before Django has its settings.
    from goodstanding.server.api.urls import api

    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=2, ensure_ascii=False, sort_keys=True, default=str) + "\n"


def main() -> None:
    """Write the document to standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
    import django

    django.setup()
    sys.stdout.write(openapi_json())


if __name__ == "__main__":
    main()
