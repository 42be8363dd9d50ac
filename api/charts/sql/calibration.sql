select
    dataset_name,
    bin_number,
    mean_confidence,
    accuracy,
    image_count
from calibration_by_bin
where
    split = 'validation'
    and image_count > 0
    and {filters}
    and {judged_on}
order by bin_number
