-- Notices that people enter or import, and who changed them when. Notices of files named in the configuration stay there.

-- serials holds serial numbers in enforcement mode, keyed pseudonyms in statistics mode (plain says which), and document
-- the rest: F3548-shaped, in statistics mode without the operator's registration.
create table notice (
    notice_id text primary key,
    version int not null,
    state text not null,
    starts timestamptz not null,
    ends timestamptz not null, -- of the last volume
    plain boolean not null,
    serials text[] not null,
    document jsonb not null,
    imported bytea -- digest of the entry as it was last imported, keyed; null for one that was never
);
create index notice_ends on notice (ends);

-- Append-only: a row may be forgotten with its notice, never changed.
create table notice_revision (
    id bigint generated always as identity primary key,
    notice_id text not null references notice on delete cascade,
    version int not null,
    time timestamptz not null,
    by text not null,
    step text not null, -- create, import, revise, approve, activate, end, cancel, expire
    state text not null,
    changed jsonb not null, -- field -> [before, after]; of personal fields the name alone
    note text,
    unique (notice_id, version)
);

create or replace function refuse_notice_revision_change() returns trigger language plpgsql as $$
begin
    raise exception 'the history of a notice is never changed';
end
$$;
create or replace trigger notice_revision_append_only before update on notice_revision
for each row execute function refuse_notice_revision_change();
