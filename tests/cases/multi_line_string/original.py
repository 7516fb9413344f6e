QUERY = """
    SELECT name
      FROM users
     WHERE active
"""

OTHER = """
    SELECT name
      FROM orders
"""


def rows(db):
    return db.run(QUERY)
