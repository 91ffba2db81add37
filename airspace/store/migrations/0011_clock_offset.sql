-- When the machine's clock was found set: how far it was from the log's time then (0: the log's time followed it). Whoever
-- relies on a time that is stored finds here whether it is to be relied on.
create table clock_offset (
    time timestamptz primary key, -- of the log
    offset_s double precision not null
);
