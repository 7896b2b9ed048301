"""How the schema came to be, one revision after the other. Run by ``store.migrate``, never by hand."""
