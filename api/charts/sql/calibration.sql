select
    bin_number,
    mean_confidence,
    accuracy,
    image_count
from calibration_by_bin
where
    split = 'validation'
    and image_count > 0
    and {filters}
order by bin_number
