"""Policy packs as data: numbers, reasons, words and templates; `loader` is the only Python here."""
