-- What people may look at from outside, Grafana first: counts, alerts without whom and where, how the sensors do. No
-- identifier, pseudonym, position or name of a person. Role airspace_grafana may read this schema and nothing else
-- (airspace/store/readers.py); the views read with their owner's rights.
create schema if not exists statistics; -- it stays where only the tables were restored

create or replace view statistics.daily as
select day, definitions_version, flights, series, unauthorised, suspected, not_decidable, spoof_suspect, detections
from daily_statistics;

create or replace view statistics.alert as
select
    alert_id,
    episode,
    state,
    priority,
    opened,
    (line->>'ended')::timestamptz as ended,
    closed,
    (line->>'time')::timestamptz as told,
    line->>'kind' as kind,
    line->>'verdict' as verdict,
    line->>'rule' as rule,
    line->>'zone_name' as zone_name,
    line->>'condition' as condition,
    line->>'acknowledgement' as acknowledgement,
    line->>'outcome' as outcome,
    coalesce(nullif(line->>'matter_en', ''), line->>'sentence_en') as matter_en,
    coalesce(nullif(line->>'matter_nl', ''), line->>'sentence_nl') as matter_nl
from alert;

create or replace view statistics.sensor as
select sensor, last from heartbeat;

create or replace view statistics.refused as
select day, sensor, reason, n from reject_count;

create or replace view statistics.tick as
select time from service_tick;

create or replace view statistics.channel as
select
    channel,
    failures,
    (select count(*) from outbox where outbox.id > outbox_place.last_id) as waiting,
    (select min(created) from outbox where outbox.id > outbox_place.last_id) as waiting_since
from outbox_place;
