"""The dashboards' charts: named SQL, its answer, and the picture drawn from it."""
