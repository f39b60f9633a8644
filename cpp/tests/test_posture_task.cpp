#include "handloop/posture_task.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::posture_task {
namespace {

// A wrist that carries a thumb and two fingers of one slide each.
HandModel wrist_and_three() {
  HandModel hand;
  hand.joint_count = 4;
  hand.finger_count = 3;
  for (std::size_t i = 1; i < 4; ++i) {
    hand.link[i].parent = 0;
    hand.link[i].kind = JointKind::kSlide;
    hand.tip[i - 1].link = static_cast<int>(i);
  }
  return hand;
}

struct Bench {
  PostureTaskConfig config;
  PostureTask task{config, wrist_and_three(), kPeriod};
  PerFinger<FingerForce> felt{};
  JointVector q = joints({0.1, 0.2, 0.3, 0.4});
  double now = 0.0;

  void go_to(const JointVector& target) {
    JointTrajectory t;
    t.add(0.0, target);
    task.set_trajectory(t);
  }
  void touch(int f, double normal, double tangential = 0.0) {
    FingerForce& force = felt[static_cast<std::size_t>(f)];
    force.touching = normal > 0.0;
    force.normal = normal;
    force.tangential = tangential;
  }
  void run(double seconds) {
    for (int i = 0; i < std::lround(seconds / kPeriod); ++i) task.update(felt, q, now += kPeriod);
  }
};

TEST_CASE("without a trajectory the first posture is held") {
  Bench bench;
  bench.run(0.01);
  const JointVector first = bench.q;
  bench.q *= 2.0;
  bench.run(0.01);
  CHECK((bench.task.reference() - first).norm() == 0.0);
}

TEST_CASE("a recording takes the place of a trajectory, and a trajectory that of a recording") {
  Bench bench;
  const JointVector target = JointVector::Constant(4, 0.9), other = JointVector::Constant(4, 0.2);
  bench.go_to(target);
  const std::vector<double> postures(other.data(), other.data() + other.size());
  bench.task.set_recording(
      std::make_shared<const RecordedTrajectory>(std::vector<double>{0.0}, postures, 4));
  bench.run(0.01);
  CHECK((bench.task.reference() - other).norm() == 0.0);
  bench.go_to(target);
  bench.run(0.01);
  CHECK((bench.task.reference() - target).norm() == 0.0);
}

TEST_CASE("a stream moves the reference straight to its latest word") {
  Bench bench;
  const JointVector first = bench.q, goal = JointVector::Constant(4, 1.0);
  const auto stream = std::make_shared<PostureStream>(4);
  bench.task.set_stream(stream);
  bench.run(0.01);
  CHECK((bench.task.reference() - first).norm() == 0.0);  // nothing was said yet
  stream->set(goal, 0.1);
  bench.run(0.001);  // heard
  bench.run(0.05);
  CHECK(bench.task.reference().isApprox(0.5 * (first + goal)));
  stream->set(first, 0.1);  // before it got there
  bench.run(0.05);
  CHECK(bench.task.reference().isApprox(0.75 * first + 0.25 * goal));
  bench.run(0.1);
  CHECK((bench.task.reference() - first).norm() == 0.0);
}

TEST_CASE("a stream is followed even if a word comes in every tick") {
  Bench bench;
  const JointVector goal = JointVector::Constant(4, 1.0);
  const auto stream = std::make_shared<PostureStream>(4);
  bench.task.set_stream(stream);
  for (int i = 0; i < 20; ++i) {
    stream->set(goal, 2.0 * kPeriod);
    bench.run(kPeriod);
  }
  CHECK((bench.task.reference() - goal).norm() < 1e-4);
}

TEST_CASE("after a reset a stream waits for a new word") {
  Bench bench;
  const auto stream = std::make_shared<PostureStream>(4);
  bench.task.set_stream(stream);
  stream->set(JointVector::Constant(4, 1.0), 0.01);
  bench.run(0.1);
  bench.task.reset();
  bench.run(0.1);
  CHECK((bench.task.reference() - bench.q).norm() == 0.0);
  stream->set(JointVector::Constant(4, 0.5), 0.01);
  bench.run(0.1);
  CHECK(bench.task.reference().isApproxToConstant(0.5));
}

TEST_CASE("a stream refuses what cannot be followed") {
  CHECK_THROWS_AS(PostureStream(0), std::invalid_argument);
  CHECK_THROWS_AS(PostureStream(kMaxJoints + 1), std::invalid_argument);
  PostureStream stream(2);
  CHECK_THROWS_AS(stream.set(joints({0.0}), 0.1), std::invalid_argument);
  CHECK_THROWS_AS(stream.set(joints({0.0, kNan}), 0.1), std::invalid_argument);
  CHECK_THROWS_AS(stream.set(joints({0.0, 0.0}), 0.0), std::invalid_argument);
  CHECK_THROWS_AS(stream.set(joints({0.0, 0.0}), kNan), std::invalid_argument);
}

TEST_CASE("a finger that touches leaves the trajectory, the others and the wrist follow it") {
  Bench bench;
  const JointVector target = JointVector::Constant(4, 0.9);
  bench.go_to(target);
  bench.run(0.01);
  CHECK((bench.task.reference() - target).norm() == 0.0);
  bench.touch(1, 1.0);
  bench.run(0.001);
  CHECK(bench.task.gripping(1));
  CHECK_FALSE(bench.task.gripping(0));
  CHECK((bench.task.reference() - joints({0.9, 0.9, 0.3, 0.9})).norm() == 0.0);
  bench.touch(1, 0.0);
  bench.run(0.002);
  CHECK((bench.task.reference() - target).norm() == 0.0);
}

TEST_CASE("a grasp holds when the thumb is opposed, and has settled some time after") {
  Bench bench;
  bench.touch(0, 1.0);
  bench.run(0.01);
  CHECK_FALSE(bench.task.holding());
  bench.touch(1, 1.0);
  bench.run(0.01);
  CHECK(bench.task.holding());
  CHECK_FALSE(bench.task.settled());
  bench.run(bench.config.settle_time);
  CHECK(bench.task.settled());
  bench.touch(0, 0.0);
  bench.run(0.001);
  CHECK_FALSE(bench.task.holding());
  CHECK_FALSE(bench.task.settled());
}

TEST_CASE("while it settles a grasp yields with its time constant") {
  Bench bench;
  bench.touch(0, 1.0);
  bench.touch(1, 1.0);
  bench.run(0.001);
  bench.q[1] += 0.1;
  bench.run(bench.config.yield_time);
  CHECK(0.3 - bench.task.reference()[1] == doctest::Approx(0.1 * std::exp(-1.0)).epsilon(0.02));
}

TEST_CASE("once settled only the finger that carries more than its share yields") {
  Bench bench;
  bench.touch(0, 2.0, 1.0);
  bench.touch(1, 1.0, 0.5);
  bench.touch(2, 1.0, 0.5);
  bench.run(bench.config.settle_time + 0.01);
  REQUIRE(bench.task.settled());
  const JointVector before = bench.task.reference();
  bench.q += JointVector::Constant(4, 0.1);
  bench.run(0.05);
  CHECK((bench.task.reference() - before).norm() == 0.0);  // fair shares
  bench.touch(1, 1.0, 0.8);
  bench.touch(2, 1.0, 0.2);
  bench.run(0.05);
  CHECK(bench.task.reference()[2] > before[2] + 0.05);
  CHECK(bench.task.reference()[2] <= bench.q[2]);
  CHECK(bench.task.reference()[1] == before[1]);
  CHECK(bench.task.reference()[3] == before[3]);
}

TEST_CASE("a grasp without load or without force yields nothing and divides by nothing") {
  Bench bench;
  for (const double normal : {1.0, 0.0}) {
    for (int f = 0; f < 3; ++f) {
      bench.touch(f, 1.0);
      bench.felt[static_cast<std::size_t>(f)].normal = normal;
    }
    bench.run(bench.config.settle_time + 0.05);
    CHECK(bench.task.settled());
    CHECK(bench.task.reference().allFinite());
  }
}

TEST_CASE("freezing holds the posture, reset starts anew") {
  Bench bench;
  bench.touch(0, 1.0);
  bench.touch(1, 1.0);
  bench.run(0.5);
  bench.task.freeze(joints({1.0, 1.0, 1.0, 1.0}));
  CHECK(bench.task.reference()[3] == 1.0);
  bench.task.reset();
  CHECK_FALSE(bench.task.holding());
  CHECK_FALSE(bench.task.settled());
  bench.felt = {};
  bench.run(0.001);
  CHECK((bench.task.reference() - bench.q).norm() == 0.0);
}

}  // namespace
}  // namespace handloop::testing::posture_task
