-- What was heard, and what was made of it: raw detections, flights and the rules they broke.
-- Plain PostgreSQL 15+. Times are UTC; a day is a day in Amsterdam (statistics, definition v1).

-- One observation by one sensor. No transmitter address, in any mode. The columns from uas_id to operator_longitude_deg
-- stay NULL in statistics mode. content_id is the same again when the same message is delivered again.
create table detection (
    time timestamptz not null, -- the message's own, else received
    content_id bytea not null,
    received timestamptz not null,
    sensor text not null,
    source text,
    transport text,
    track_id text,
    flight_id text,
    pseudonym text,
    cell bigint, -- airspace/store/cells.py
    uas_id text,
    operator_id text,
    latitude_deg double precision,
    longitude_deg double precision,
    altitude_wgs84_m real,
    operator_latitude_deg double precision,
    operator_longitude_deg double precision,
    height_m real,
    speed_m_s real,
    track_deg real,
    status text,
    ua_type text,
    eu_category text,
    eu_class text,
    rssi_dbm real,
    flags bigint not null,
    unique (time, content_id)
);
create index detection_track on detection (track_id, time);

create table flight (
    flight_id text primary key,
    track_id text not null,
    day date not null, -- of the start
    started timestamptz not null,
    last timestamptz not null,
    ended boolean not null,
    detections bigint not null,
    counted boolean not null,
    suspect boolean not null,
    highest_m real,
    pseudonym text
);
create index flight_day on flight (day);

-- One row for a flight, a rule and an airspace group: the strongest verdict that was given.
create table violation (
    flight_id text not null,
    rule text not null,
    "group" text not null,
    rule_version text not null,
    kind text not null,
    zone_id text,
    zone_version text,
    notice_id text,
    verdict text not null, -- violation, suspected, not_decidable
    strength smallint not null, -- 3, 2, 1
    reason text not null,
    height_agl_m real,
    first timestamptz not null,
    last timestamptz not null,
    primary key (flight_id, rule, "group")
);
create index violation_zone on violation (zone_id);
