"""Where zones are: shapes, a 500 m grid, the edges in its cells, the index over them."""
