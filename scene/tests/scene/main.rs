//! A whole scene, from detections to events and observations: table tests, odd input, invariants.

mod counts;
mod holes;
mod ids;
mod invariants;
mod kinds;
mod noise;
mod observations;
mod oddities;
mod replay;
mod rules;
mod story;
mod view;
mod zones;
