//! Pictures from the edges: evidence on disk under its digest, and the newest still of each camera.
