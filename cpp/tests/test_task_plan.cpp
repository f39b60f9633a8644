#include "handloop/task_plan.hpp"

#include <doctest/doctest.h>

namespace handloop::testing::task_plan {
namespace {

TEST_CASE("before the first step it is posture control") {
  TaskPlan plan;
  CHECK(plan.at(5.0).kind == TaskKind::kPosture);
  plan.add({.time = 1.0, .kind = TaskKind::kObject});
  CHECK(plan.at(0.999).kind == TaskKind::kPosture);
  CHECK(plan.at(1.0).kind == TaskKind::kObject);
  CHECK(plan.at(100.0).kind == TaskKind::kObject);
}

TEST_CASE("offsets move smoothly between steps of one kind, and stay between others") {
  TaskPlan plan;
  TaskStep moved{.time = 2.0, .kind = TaskKind::kObject, .offset = {0.01, 0.0, 0.0}};
  moved.tip_offset[1] = {0.0, 0.02, 0.0};
  plan.add({.time = 1.0, .kind = TaskKind::kObject});
  plan.add(moved);
  plan.add({.time = 3.0, .kind = TaskKind::kFingertips});
  CHECK(plan.at(1.0).offset.norm() == 0.0);
  CHECK(plan.at(1.5).offset.x() == doctest::Approx(0.005));
  CHECK(plan.at(1.5).tip_offset[1].y() == doctest::Approx(0.01));
  CHECK(plan.at(1.1).offset.x() < 0.0001);  // from rest
  CHECK(plan.at(2.5).offset.x() == 0.01);
  CHECK(plan.at(3.0).offset.norm() == 0.0);
}

TEST_CASE("steps out of order and too many are refused") {
  TaskPlan plan;
  plan.add({.time = 1.0});
  CHECK_THROWS_AS(plan.add({.time = 1.0}), std::invalid_argument);
  for (int i = 2; i <= 16; ++i) plan.add({.time = static_cast<double>(i)});
  CHECK_THROWS_AS(plan.add({.time = 20.0}), std::invalid_argument);
}

}  // namespace
}  // namespace handloop::testing::task_plan
