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

-- One row for each use of an app password, also of one that was refused.
CREATE TABLE IF NOT EXISTS log (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  pwid      INTEGER NOT NULL REFERENCES app_passwords (id) ON DELETE CASCADE,
  service   TEXT,
  src_ip    TEXT,
  src_rdns  TEXT,
  src_loc   TEXT,
  src_isp   TEXT,
  timestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  result    TEXT NOT NULL DEFAULT 'permit',  -- or deny, later
  reason    TEXT,                            -- of a refusal
  rule      TEXT,                            -- FILE:LINE of the list that refused it
  host      TEXT,                            -- whose cached it was
  session   TEXT                             -- as Dovecot's own log has it
);

-- The newest row of a password that was let in is one step away.
CREATE INDEX IF NOT EXISTS log_last_use ON log (pwid, result, timestamp);

-- Attempts to log in, whatever became of them ([audit] connection_log): equal ones within a minute are
-- one row. A login that was let in has auth_ok = 1 and policy_reject = 0, and no other row has.
CREATE TABLE IF NOT EXISTS connection_log (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  datetime      TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%S', 'now')),  -- of the first
  protocol      TEXT,
  username      TEXT,                -- NULL: of many; there were too many rows
  remote_ip     TEXT,                -- NULL: of many, or not known
  country       TEXT,                -- ISO 3166, by MaxMind
  auth_ok       INTEGER,             -- 1: the password was right, 0: wrong, NULL: not judged
  policy_reject INTEGER,             -- 1: refused by a rule, 0: not, NULL: not judged
  host          TEXT,                -- whose cached it was
  session       TEXT,                -- of the first, as Dovecot's own log has it
  pwid          INTEGER,             -- the app password that was used; its row may have gone since
  rule          TEXT,                -- FILE:LINE of the list that refused it
  reason        TEXT,                -- of a refusal, or why it could not be judged
  first         TEXT,
  last          TEXT,
  count         INTEGER NOT NULL DEFAULT 1,
  number        INTEGER,             -- given by that cached; no row is there twice
  UNIQUE (host, number)
);

CREATE INDEX IF NOT EXISTS connection_log_datetime ON connection_log (datetime);

-- Each password with its newest use that was let in, for a page that shows a user what is in use.
CREATE VIEW IF NOT EXISTS app_passwords_with_log AS
SELECT p.id, p.uid, p.password, p.created, p.comment, p.deleted,
       l.timestamp AS last_used_timestamp,
       l.src_ip    AS last_used_src_ip,
       l.src_rdns  AS last_used_src_rdns,
       l.src_loc   AS last_used_src_loc,
       l.src_isp   AS last_used_src_isp
FROM app_passwords p
LEFT JOIN log l ON l.id = (
  SELECT id FROM log WHERE pwid = p.id AND result = 'permit'
  ORDER BY timestamp DESC, id DESC LIMIT 1);

-- All uses, those that were refused among them, with whose password it was.
CREATE VIEW IF NOT EXISTS app_password_uses AS
SELECT l.timestamp, p.uid, p.id AS pwid, p.comment, l.result, l.reason, l.rule, l.service, l.src_ip,
       l.src_rdns, l.src_loc, l.src_isp, l.host, l.session
FROM log l JOIN app_passwords p ON p.id = l.pwid;
