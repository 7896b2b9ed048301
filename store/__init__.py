"""The only package that talks to the database, to Redis and to the attachment files. It knows no channel and no dialogue."""
