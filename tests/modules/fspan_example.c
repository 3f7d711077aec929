// SPDX-License-Identifier: GPL-2.0
/* A driver of a slow disk that is none, with spans and points of its own. */
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <linux/fspan.h>

FSPAN_SPAN(submit, (u32, count));
FSPAN_SPAN(request, (u32, tag), (u64, sector), (string, disk));
FSPAN_SPAN(transfer, (u32, tag), (u64, sector));
FSPAN_POINT(done, (u32, tag), (s32, error));

struct example_request {
	struct work_struct work;
	struct irq_work irq;
	u32 tag;
	u64 sector;
	int error;
};

static struct workqueue_struct *queue;
static atomic_t tags;

/* In a hard interrupt: here the request ends, wherever it began. */
static void complete_request(struct irq_work *irq)
{
	struct example_request *rq = container_of(irq, struct example_request, irq);

	fspan_point(done, rq->tag, rq->error);
	fspan_end(request, rq, rq->error);
}

static int do_transfer(struct example_request *rq)
{
	FSPAN_SCOPE(transfer, rq->tag, rq->sector);

	if (rq->sector % 4 == 3)
		return FSPAN_RET(transfer, -EIO);
	usleep_range(100, 200);
	return 0;
}

/* In a task of its own. */
static void serve_request(struct work_struct *work)
{
	struct example_request *rq = container_of(work, struct example_request, work);

	rq->error = do_transfer(rq);
	irq_work_queue(&rq->irq);
	irq_work_sync(&rq->irq);
	kfree(rq);
}

static noinline int example_submit(u32 count)
{
	FSPAN_SCOPE(submit, count);
	u32 i;

	for (i = 0; i < count; i++) {
		struct example_request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);

		if (!rq)
			return FSPAN_RET(submit, -ENOMEM);
		rq->tag = atomic_inc_return(&tags);
		rq->sector = i;
		INIT_WORK(&rq->work, serve_request);
		rq->irq = IRQ_WORK_INIT_HARD(complete_request);
		fspan_begin(request, rq, rq->tag, rq->sector, "example0");
		queue_work(queue, &rq->work);
	}
	return FSPAN_RET(submit, count);
}

/* echo COUNT > /sys/module/fspan_example/parameters/submit; when that is done, all are. */
static int submit_set(const char *val, const struct kernel_param *kp)
{
	u32 count;
	int ret = kstrtou32(val, 0, &count) ?: example_submit(count);

	flush_workqueue(queue);
	return ret < 0 ? ret : 0;
}

static const struct kernel_param_ops submit_ops = { .set = submit_set };
module_param_cb(submit, &submit_ops, NULL, 0200);

static int __init example_init(void)
{
	queue = alloc_workqueue("fspan_example", WQ_UNBOUND, 4);
	return queue ? 0 : -ENOMEM;
}

static void __exit example_exit(void)
{
	destroy_workqueue(queue);	/* when all that is in it is done */
}

module_init(example_init);
module_exit(example_exit);
MODULE_DESCRIPTION("A driver that traces itself by fspan");
MODULE_LICENSE("GPL");
