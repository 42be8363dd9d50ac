with lesions as (
    select
        lesion_id,
        count(*) as images_of_lesion
    from labelled_images
    where {filters}
    group by lesion_id
)

select
    images_of_lesion,
    count(*) as lesion_count
from lesions
group by images_of_lesion
order by images_of_lesion
