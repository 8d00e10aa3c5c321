"""A case as a workbook or CSV files: the sheets, what their cells mean, and templates to fill in."""
