"""Many records of one entity as a table: tabs, conditions, columns, order, selection, endless scrolling."""
