"""Settings: one's own profile and keys; for administrators the company, roles, fields and the reasons behind rights."""
