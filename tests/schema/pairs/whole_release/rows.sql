INSERT INTO accounts (login) VALUES ('a'); UPDATE accounts SET created = NOW(); INSERT INTO posts (account_id, title, body) VALUES (1,'T','b');
