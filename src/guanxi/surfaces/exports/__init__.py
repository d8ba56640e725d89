"""Records out to table files: CSV streamed, XLSX by the row; what goes out comes in again unchanged."""
