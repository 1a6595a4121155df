//! What happens in front of a camera, as pure functions: geometry, tracking, rules. Input plus `now` in, facts out.
