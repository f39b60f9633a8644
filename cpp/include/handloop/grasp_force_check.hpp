// Whether contact forces are what they claim to be, judged by plain code of its own.
//
// Nothing here comes from the solver but its answer: the forces, and the multipliers that prove how
// good they are. By weak duality any multipliers give a valid bound, so wrong ones can only make an
// answer look worse (Boyd and Vandenberghe 2004, section 5.1).
#pragma once

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "handloop/grasp_problem.hpp"

namespace handloop {

// The prices of the wrench and of the torque rows that a solver ends with.
struct GraspMultipliers {
  Vec6 wrench = Vec6::Zero();  // [N], torque rows times `length`
  PerFinger<std::array<double, kMaxTorqueRows>> row{};
};

struct GraspResiduals {
  double cone = 0.0;    // [N], tangential force beyond friction times the normal force
  double bound = 0.0;   // [N], normal force outside plate and lid
  double torque = 0.0;  // [N m], beyond what is left to a joint
  double wrench = 0.0;  // [N], missing wrench, torque divided by `length`
  // [N2], cost above the least that could be: of 1/2 sum weight |f|^2, and where the wrench is out
  // of reach of that with the missing wrench, 1/2 |missing|^2 / closeness.
  double gap = 0.0;
};

namespace detail {

// Largest of pull . f - weight / 2 |f|^2 over cone, plate and lid.
inline double most_of(const GraspContact& c, const Vec3& pull) {
  const double normal = pull.dot(c.normal);
  const double tangential = (pull - normal * c.normal).norm();
  const auto value = [&](double f) {
    const double t = std::min(tangential / c.weight, c.friction * f);
    return normal * f + tangential * t - 0.5 * c.weight * (f * f + t * t);
  };
  const double sticking = normal / c.weight;
  const double sliding =
      (normal + c.friction * tangential) / (c.weight * (1.0 + c.friction * c.friction));
  return std::max(value(std::clamp(sticking, c.force_min, c.force_max)),
                  value(std::clamp(sliding, c.force_min, c.force_max)));
}

// Value of the dual at the multipliers.
inline double dual_value(const GraspProblem& p, const GraspMultipliers& m, double length) {
  const Vec3 force = m.wrench.head<3>(), torque = m.wrench.tail<3>() / length;
  double value = force.dot(p.wrench.head<3>()) + torque.dot(p.wrench.tail<3>());
  for (std::size_t i = 0; i < static_cast<std::size_t>(p.contact_count); ++i) {
    const GraspContact& c = p.contact[i];
    Vec3 pull = force + torque.cross(c.position - p.origin);
    for (std::size_t k = 0; k < static_cast<std::size_t>(c.row_count); ++k) {
      const double price = m.row[i][k];
      pull -= price * c.row[k].arm;
      value -= price * (price > 0.0 ? c.row[k].high : c.row[k].low);
    }
    value -= most_of(c, pull);
  }
  return value;
}

}  // namespace detail

// `softness`: closeness where the wrench is out of reach, zero where it is to be met.
inline GraspResiduals check_grasp(const GraspProblem& p, const PerFinger<Vec3>& forces,
                                  const GraspMultipliers& multipliers, double length,
                                  double softness) {
  GraspResiduals r;
  Vec6 missing = p.wrench;
  double cost = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(p.contact_count); ++i) {
    const GraspContact& c = p.contact[i];
    const Vec3& f = forces[i];
    const double normal = f.dot(c.normal);
    const double tangential = (f - normal * c.normal).norm();
    r.cone = std::max(r.cone, tangential - c.friction * normal);
    r.bound = std::max({r.bound, c.force_min - normal, normal - c.force_max});
    for (std::size_t k = 0; k < static_cast<std::size_t>(c.row_count); ++k) {
      const double torque = c.row[k].arm.dot(f);
      r.torque = std::max({r.torque, c.row[k].low - torque, torque - c.row[k].high});
    }
    missing.head<3>() -= f;
    missing.tail<3>() -= (c.position - p.origin).cross(f);
    cost += 0.5 * c.weight * f.squaredNorm();
  }
  missing.tail<3>() /= length;
  r.wrench = missing.norm();
  r.gap = cost - detail::dual_value(p, multipliers, length);
  if (softness > 0.0) {
    r.gap += 0.5 * (missing.squaredNorm() / softness + softness * multipliers.wrench.squaredNorm());
  }
  return r;
}

}  // namespace handloop
