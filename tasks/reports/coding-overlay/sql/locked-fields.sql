SELECT field FROM field_locks
