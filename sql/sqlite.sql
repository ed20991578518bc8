-- The tables of checkpass in SQLite: the twin of sql/mysql.sql. cached makes them when the file is
-- new; running this again changes nothing. Times are UTC text.

CREATE TABLE IF NOT EXISTS app_passwords (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  uid      TEXT NOT NULL,            -- compared byte for byte
  password TEXT NOT NULL,            -- a hash: $argon2id$..., $6$..., {SCHEME}...
  created  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%S', 'now')),
  comment  TEXT,
  deleted  TEXT,                     -- when it was revoked; NULL: it is valid
  UNIQUE (uid, password)
);

-- One row for each login that was let in.
CREATE TABLE IF NOT EXISTS log (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  pwid      INTEGER NOT NULL REFERENCES app_passwords (id) ON DELETE CASCADE,
  service   TEXT,
  src_ip    TEXT,
  src_rdns  TEXT,
  src_loc   TEXT,
  src_isp   TEXT,
  timestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

-- Ends in the row id, so that the newest row of a password is one step away.
CREATE INDEX IF NOT EXISTS log_pwid ON log (pwid);

-- Each password with its newest login, for a page that shows a user what is in use.
CREATE VIEW IF NOT EXISTS app_passwords_with_log AS
SELECT p.id, p.uid, p.password, p.created, p.comment, p.deleted,
       l.timestamp AS last_used_timestamp,
       l.src_ip    AS last_used_src_ip,
       l.src_rdns  AS last_used_src_rdns,
       l.src_loc   AS last_used_src_loc,
       l.src_isp   AS last_used_src_isp
FROM app_passwords p
LEFT JOIN log l ON l.id = (SELECT max(id) FROM log WHERE pwid = p.id);
