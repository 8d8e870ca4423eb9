"""Programs' door: may this account do that, why not, and where can its holder act on it (requirement A2)."""
