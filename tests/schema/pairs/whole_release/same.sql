SELECT login, role, title, body FROM accounts, posts
