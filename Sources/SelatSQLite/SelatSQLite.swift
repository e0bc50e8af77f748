// SelatSQLite: filled by the first slice.
