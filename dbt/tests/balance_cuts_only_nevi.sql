with

images as (
    select * from {{ ref('ml_images') }}
)

select
    image_id,
    diagnosis_code
from images
where diagnosis_code <> 'nv' and not is_balanced
