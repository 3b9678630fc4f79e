"""Requests made from config/openapi.yaml, and what holds of every answer.

values    values of a schema, right and nearly right, and JSON that no library would write
requests  whole requests of one operation: path, query, headers, body, each of them maybe wrong
contract  the document: which operation a request is of, and whether an answer is in it
wire      bytes on a kept-alive connection, and the same request as a curl line
stage     the exchange the requests are sent to: keys, people, returns, and what is secret
"""
