//! The tests at the level users see.

mod cases;
