//! Models of the pool, each headed by the interleaving it hunts.
