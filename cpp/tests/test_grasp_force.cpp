#include "handloop/grasp_force.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::grasp_force {
namespace {

GraspContact pad(const Vec3& position, const Vec3& normal, double friction = 0.5) {
  GraspContact c;
  c.position = position;
  c.normal = normal.normalized();
  c.friction = friction;
  return c;
}

GraspProblem problem(std::initializer_list<GraspContact> contacts, const Vec3& force) {
  GraspProblem p;
  for (const GraspContact& c : contacts) p.contact[std::size_t(p.contact_count++)] = c;
  p.wrench.head<3>() = force;
  return p;
}

GraspProblem pinch(double friction, double weight) {
  return problem(
      {pad({-0.03, 0, 0}, Vec3::UnitX(), friction), pad({0.03, 0, 0}, -Vec3::UnitX(), friction)},
      {0, 0, weight});
}

GraspContact random_pad(Random& random) {
  const Vec3 normal = random_vector(random).normalized();
  GraspContact c =
      pad(-0.03 * normal + 0.01 * random_vector(random), normal, 0.2 + random.uniform());
  c.force_min = random.uniform();
  c.force_max = c.force_min + 10.0 * random.uniform();
  c.row_count = static_cast<int>(4.0 * random.uniform());
  for (int k = 0; k < c.row_count; ++k) {
    TorqueRow& row = c.row[std::size_t(k)];
    row.arm = 0.04 * random_vector(random);
    const double torque = row.arm.dot(c.force_min * c.normal);
    row.low = torque - 0.1 * random.uniform();
    row.high = torque + 0.1 * random.uniform();
  }
  return c;
}

bool within(const GraspContact& c, const Vec3& f, double slack) {
  const double normal = f.dot(c.normal);
  bool ok = normal >= c.force_min - slack && normal <= c.force_max + slack &&
            (f - normal * c.normal).norm() <= c.friction * normal + slack;
  for (int k = 0; k < c.row_count; ++k) {
    const TorqueRow& row = c.row[std::size_t(k)];
    ok = ok && row.arm.dot(f) >= row.low - slack && row.arm.dot(f) <= row.high + slack;
  }
  return ok;
}

TEST_CASE("two opposed pads carry a weight with just the force that friction asks for") {
  for (const double friction : {0.2, 0.5, 1.0}) {
    GraspForceSolver solver({});
    const GraspForceResult r = solver.solve(pinch(friction, 4.0));
    REQUIRE(r.status == GraspForceStatus::kSolved);
    CHECK(r.force[0].x() == doctest::Approx(2.0 / friction).epsilon(1e-6));
    CHECK(r.force[1].x() == doctest::Approx(-2.0 / friction).epsilon(1e-6));
    CHECK(r.force[0].z() == doctest::Approx(2.0).epsilon(1e-6));
  }
}

TEST_CASE("three pads around an object share its weight alike") {
  GraspProblem p;
  p.contact_count = 3;
  for (int i = 0; i < 3; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / 3.0;
    const Vec3 outward(std::cos(angle), std::sin(angle), 0.0);
    p.contact[std::size_t(i)] = pad(0.03 * outward, -outward, 0.4);
  }
  p.wrench[2] = 6.0;
  const GraspForceResult r = GraspForceSolver({}).solve(p);
  REQUIRE(r.status == GraspForceStatus::kSolved);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(r.force[i].dot(p.contact[i].normal) == doctest::Approx(5.0).epsilon(1e-6));
    CHECK(r.force[i].z() == doctest::Approx(2.0).epsilon(1e-6));
  }
}

// The nearest force by Dykstra's alternating projections (Boyle and Dykstra 1986): slow and sure.
Vec3 nearest_by_dykstra(const GraspContact& c, const Vec3& point) {
  std::array<Vec3, kMaxTorqueRows + 1> correction;
  correction.fill(Vec3::Zero());
  Vec3 force = point;
  for (int round = 0; round < 4000; ++round) {
    for (int k = 0; k <= c.row_count; ++k) {
      const Vec3 from = force + correction[std::size_t(k)];
      if (k < c.row_count) {
        const TorqueRow& row = c.row[std::size_t(k)];
        const double torque = row.arm.dot(from);
        const double beyond = torque - std::clamp(torque, row.low, row.high);
        force = from - beyond / row.arm.squaredNorm() * row.arm;
      } else {
        ForceProjection p;
        project_on_cone(c, from, p);
        force = p.force;
      }
      correction[std::size_t(k)] = from - force;
    }
  }
  return force;
}

TEST_CASE("the projection is the nearest force of the set, whatever was projected before") {
  Random random(3);
  int on_limits = 0;
  for (int i = 0; i < 200; ++i) {
    const GraspContact c = random_pad(random);
    WorkBudget work;
    ContactForceSet set;
    set.assign(c, work);
    for (int k = 0; k < 3; ++k) {
      const Vec3 point = 8.0 * random_vector(random);
      ForceProjection p, q;
      set.project(point, p, work);
      CHECK((p.force - nearest_by_dykstra(c, point)).norm() <= 1e-5);
      project_on_cone(c, point, q);
      on_limits += (q.force - p.force).norm() > 1e-6;
    }
  }
  CHECK(on_limits > 150);
}

TEST_CASE("no force of the set is nearer than the projection of a point however far") {
  Random random(4);
  for (int i = 0; i < 300; ++i) {
    const GraspContact c = random_pad(random);
    WorkBudget work;
    ContactForceSet set;
    set.assign(c, work);
    const Vec3 point = std::pow(10.0, 6.0 * random.uniform()) * random_vector(random);
    ForceProjection p, other;
    set.project(point, p, work);
    CHECK(within(c, p.force, 1e-7));
    CHECK(work.spent < 150);
    // For a convex set: point - p makes no acute angle with the way to any other of its forces.
    for (int k = 0; k < 50; ++k) {
      set.project(20.0 * random_vector(random), other, work);
      CHECK((point - p.force).normalized().dot(other.force - p.force) <= 1e-7);
    }
  }
}

TEST_CASE("the Jacobian of the projection is its slope") {
  Random random(5);
  int slopes = 0;
  for (int i = 0; i < 400; ++i) {
    WorkBudget work;
    ContactForceSet set;
    set.assign(random_pad(random), work);
    const Vec3 point = 8.0 * random_vector(random), step = 1e-6 * random_vector(random);
    ForceProjection p, q;
    set.project(point, p, work);
    set.project(point + step, q, work);
    slopes += (q.force - p.force - p.jacobian * step).norm() <= 1e-3 * step.norm();
  }
  CHECK(slopes >= 396);  // but for points next to an edge
}

TEST_CASE("a wrench out of reach gets the closest one, and a proof") {
  GraspProblem p = pinch(0.5, 4.0);
  p.contact[0].force_max = p.contact[1].force_max = 3.0;
  const GraspForceResult r = GraspForceSolver({}).solve(p);
  CHECK(r.status == GraspForceStatus::kInfeasible);
  CHECK(r.force[0].z() == doctest::Approx(1.5).epsilon(1e-4));
  CHECK(r.residual.wrench == doctest::Approx(1.0).epsilon(1e-4));
  CHECK(r.residual.gap <= 1e-6);
}

TEST_CASE("the tick after needs a few Newton steps, whatever stood before it") {
  GraspForceSolver solver({});
  const int cold = solver.solve(pinch(0.5, 4.0)).iterations;
  const int warm = solver.solve(pinch(0.5, 4.01)).iterations;
  CHECK(warm <= 3);
  CHECK(warm < cold);
  CHECK(solver.solve(pinch(0.5, 4.01)).iterations == 0);
}

TEST_CASE("so does the tick after one whose wrench was out of reach") {
  GraspForceSolver solver({});
  solver.solve(pinch(0.5, 50.0));
  const GraspForceResult r = solver.solve(pinch(0.5, 50.1));
  CHECK(r.status == GraspForceStatus::kInfeasible);
  CHECK(r.iterations <= 3);
}

TEST_CASE("an answer does not depend on what stood before it") {
  Random random(8);
  GraspForceSolver warm({});
  for (int i = 0; i < 200; ++i) {
    GraspProblem p;
    p.contact_count = 2 + i % 4;
    for (int k = 0; k < p.contact_count; ++k) p.contact[std::size_t(k)] = random_pad(random);
    p.wrench << 2.0 * random_vector(random), 0.03 * random_vector(random);
    const GraspForceResult a = warm.solve(p), b = GraspForceSolver({}).solve(p);
    REQUIRE(a.status == b.status);
    REQUIRE(a.status != GraspForceStatus::kNotConverged);
    for (std::size_t k = 0; k < kMaxFingers; ++k) CHECK((a.force[k] - b.force[k]).norm() <= 1e-3);
  }
}

// Work after the budget is spent: what is begun is brought to an end.
constexpr int kRest = 48;

GraspProblem random_problem(Random& random, int contacts) {
  GraspProblem p;
  p.contact_count = contacts;
  for (int k = 0; k < contacts; ++k) p.contact[std::size_t(k)] = random_pad(random);
  p.wrench << 2.0 * random_vector(random), 0.03 * random_vector(random);
  return p;
}

// What the closest forces have least of.
double cost_of_miss(const GraspProblem& p, const PerFinger<Vec3>& force) {
  const GraspForceConfig config;
  const double miss = check_grasp(p, force, {}, config.length, 0.0).wrench;
  double effort = 0.0;
  for (std::size_t i = 0; i < std::size_t(p.contact_count); ++i) effort += force[i].squaredNorm();
  return 0.5 * (miss * miss + config.closeness * effort);
}

TEST_CASE("no solve does more work than it may, and its forces are in their sets all the same") {
  Random random(11);
  for (const int most : {1, 60, 250}) {
    GraspForceSolver solver({.max_work = most});
    unsigned seen = 0;
    for (int i = 0; i < 300; ++i) {
      const GraspProblem p = random_problem(random, 2 + i % 4);
      const GraspForceResult r = solver.solve(p);
      seen |= 1u << unsigned(r.status);
      CHECK(r.work <= most + kRest);
      for (std::size_t k = 0; k < std::size_t(p.contact_count); ++k) {
        CHECK((r.torque_relaxed || within(p.contact[k], r.force[k], 1e-7)));
      }
    }
    CHECK((seen & 1u << unsigned(GraspForceStatus::kUnfinished)) != 0);
  }
}

TEST_CASE("what one solve leaves unfinished the next ones finish, closer each time") {
  Random random(12);
  GraspForceSolver solver({.max_work = 250});
  int unfinished = 0;
  for (int i = 0; i < 200; ++i) {
    GraspProblem p = random_problem(random, 2 + i % 4);
    const GraspForceResult wanted = GraspForceSolver({}).solve(p);
    GraspForceResult r = solver.solve(p);
    for (int k = 0; k < 120 && r.status == GraspForceStatus::kUnfinished; ++k, ++unfinished) {
      p.last = r.force;
      r = solver.solve(p);
      const double before = cost_of_miss(p, p.last);
      if (wanted.status == GraspForceStatus::kInfeasible) {
        CHECK(cost_of_miss(p, r.force) <= before * (1.0 + 1e-6) + 1e-9);
      }
    }
    REQUIRE(r.status == wanted.status);
    for (std::size_t k = 0; k < kMaxFingers; ++k) {
      CHECK((r.force[k] - wanted.force[k]).norm() <= 1e-3);
    }
  }
  CHECK(unfinished > 100);
}

TEST_CASE("an unfinished solve is no further from the wrench than the forces before") {
  Random random(13);
  GraspForceSolver solver({.max_work = 120});
  GraspProblem p = random_problem(random, 4);
  int unfinished = 0;
  for (int i = 0; i < 200; ++i) {
    p.wrench << 4.0 * random_vector(random), 0.05 * random_vector(random);
    const GraspForceResult r = solver.solve(p);
    if (r.status == GraspForceStatus::kUnfinished && i > 0) {
      ++unfinished;
      CHECK(cost_of_miss(p, r.force) <= cost_of_miss(p, p.last) * (1.0 + 1e-9));
    }
    p.last = r.force;
  }
  CHECK(unfinished > 50);
}

TEST_CASE("degenerate grasps have answers") {
  GraspForceSolver solver({});
  GraspProblem none;
  CHECK(solver.solve(none).status == GraspForceStatus::kSolved);
  none.wrench[0] = 1.0;
  CHECK(solver.solve(none).status == GraspForceStatus::kInfeasible);

  const GraspForceResult one = solver.solve(problem({pad({0, 0, 0}, Vec3::UnitZ())}, {0.5, 0, 2}));
  CHECK(one.status == GraspForceStatus::kSolved);
  CHECK(one.force[0].isApprox(Vec3(0.5, 0, 2), 1e-6));

  GraspProblem slippery = pinch(0.0, 1.0);
  CHECK(solver.solve(slippery).status == GraspForceStatus::kInfeasible);

  GraspProblem fixed = pinch(0.5, 1.0);
  for (std::size_t i = 0; i < 2; ++i) fixed.contact[i].force_min = fixed.contact[i].force_max = 3.0;
  const GraspForceResult held = solver.solve(fixed);
  CHECK(held.status == GraspForceStatus::kSolved);
  CHECK(held.force[0].x() == doctest::Approx(3.0));

  GraspProblem same_side = problem({pad({0, 0, 0}, Vec3::UnitZ()), pad({0.01, 0, 0}, Vec3::UnitZ()),
                                    pad({0.02, 0, 0}, Vec3::UnitZ())},
                                   Vec3::Zero());
  for (GraspContact& c : same_side.contact) c.force_min = 1.0;
  const GraspForceResult pressed = solver.solve(same_side);
  CHECK(pressed.status == GraspForceStatus::kInfeasible);
  CHECK(pressed.residual.bound <= 1e-9);
}

TEST_CASE("torque limits that the least force breaks are passed least, and that is said") {
  GraspProblem p = pinch(0.5, 1.0);
  p.contact[0].force_min = 2.0;
  p.contact[0].row_count = 1;
  p.contact[0].row[0] = {0.05 * Vec3::UnitX(), -0.06, 0.06};
  const GraspForceResult r = GraspForceSolver({}).solve(p);
  CHECK(r.torque_relaxed);
  CHECK(r.status == GraspForceStatus::kInfeasible);
  CHECK(r.residual.torque == doctest::Approx(0.04).epsilon(1e-4));
}

TEST_CASE("what is not a number gets the least forces and leaves no trace") {
  GraspForceSolver solver({}), other({});
  GraspProblem p = pinch(0.5, 4.0);
  p.contact[0].force_min = 1.0;
  solver.solve(p);
  other.solve(p);
  GraspProblem bad = p;
  bad.wrench[4] = kNan;
  const GraspForceResult refused = solver.solve(bad);
  CHECK(refused.status == GraspForceStatus::kNotConverged);
  CHECK(refused.force[0] == Vec3::UnitX());
  bad = p;
  bad.contact[0].position[1] = kNan;
  CHECK(solver.solve(bad).force[0] == Vec3::Zero());
  p.wrench[2] = 4.1;
  CHECK(solver.solve(p).force == other.solve(p).force);
}

}  // namespace
}  // namespace handloop::testing::grasp_force
