-- The middle and half the width of the 95 % interval of a share, Wilson's (J. Am. Stat. Assoc.
-- 22:209, 1927), as in the warehouse's marts. Rounding may step over 0 and 1: say least and
-- greatest around the ends.
wilson as (
    select
        *,
        (part + z * z / 2) / (whole + z * z) as middle,
        z * sqrt(part * (whole - part) / whole + z * z / 4) / (whole + z * z) as reach
    from counted
    cross join (select 1.959963984540054 as z)
)
