"""What happened with a record and what is planned, and where people write it down."""
