-- Where a direction finder was and whither it heard: evidence of drones that say nothing of themselves.
alter table detection
    add column sensor_latitude_deg double precision,
    add column sensor_longitude_deg double precision,
    add column bearing_deg real,
    add column bearing_accuracy_deg real;
