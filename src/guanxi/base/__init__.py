"""Values without models: words, money, moments, phones, addresses, numbers of companies, names.

Everything here takes plain values and gives plain values: no database, no user, no request.
"""
