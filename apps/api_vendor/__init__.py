"""The Vendor API, version 2, on a card.

Audience: vendor organisations' servers. Base path `/api/v2/`, every path ends in a slash. Credential: `X-API-Key`.
Errors: `{"detail"}`, a 422 also `{"errors": {dotted.path: [message]}}`. Lists: `limit` and `offset`,
`{"count", "next", "previous", "results"}`. Changes inside version 2 only add.
"""
