"""What every door shares, whatever it speaks: the request's id, the client's address, the reading of a body."""
