"""What the exchange should answer, written again from config/rules, config/policy and config/data.

Plain whole numbers, and the slow way wherever the daemon has a quick one.  It refuses to know how
the daemon or the ledger do it: where a page is not enough to write a line here, the page is wrong.
"""
