"""What people look at: API, console, Grafana dashboards."""
