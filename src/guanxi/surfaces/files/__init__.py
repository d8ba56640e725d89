"""Files of a record: the block on its page, uploads, previews, downloads, the trash of files."""
