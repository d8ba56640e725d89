"""The embedded PostgreSQL: a real server, run from the binaries of a wheel inside the data directory.

`place.py` where its files are and who runs it · `tuning.py` its configuration · `cluster.py` make, start, share, stop ·
`watch.py` the process that ends it with its last user · `current.py` whether its tables are this version's. With
GUANXI_DATABASE_URL set, none of this is used.
"""
