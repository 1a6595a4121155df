//! End-to-end, fault and load tests, and the rendered test city.
