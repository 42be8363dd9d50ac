-- A code that nobody can look up must not pass as one that was, nor a term without a code as one
-- that is known to match.
with

terms as (
    select * from {{ ref('terminology') }}
)

select
    diagnosis_code,
    system,
    name
from terms
where
    is_verified <> (source is not null)
    or (is_verified and code is null)
    or (code is null) <> (match = 'unknown')
