QUERY = """
    SELECT name, email
      FROM users
     WHERE active
"""

OTHER = """
    SELECT name
      FROM orders
"""


def rows(db):
    return db.run(QUERY)
