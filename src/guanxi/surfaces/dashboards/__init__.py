"""Dashboards: numbers, charts and lists side by side, put in order by drag, shared by role; each reader sees what they may see."""
