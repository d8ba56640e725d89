"""Lines: what is sold, in a deal, a quote, an order, with quantity, price, discount and tax."""
