"""What the command line and the pages both tell: words of reports in three languages, a trial of two packs as document, charts and page."""
